/// The scripts that an instance and a sync group have in common.
package struct NotifyScripts: Hashable, Sendable {
  package var master: Script?
  package var backup: Script?
  package var fault: Script?
  package var stop: Script?
  /// Run at every change, with TYPE NAME STATE PRIORITY behind its arguments.
  package var any: Script?

  package init() {}
}
