/// What the checks of scripts have found in one process's view.
struct ScriptUse {
  var hasScripts = false
  var hasInsecureScripts = false
}
