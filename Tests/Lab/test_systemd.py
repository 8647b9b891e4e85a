from features import test_features  # noqa: F401

NEEDS = ["systemd"]
