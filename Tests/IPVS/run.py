"""Runs the tests of this directory; Tests/Lab/suite.py tells how."""

import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "Lab"))
import suite  # noqa: E402

if __name__ == "__main__":
    sys.exit(suite.main([os.path.basename(HERE)]))
