"""Print the folder of the tutorials that come with the installed Metaflow."""

import os

import metaflow

print(os.path.join(os.path.dirname(metaflow.__file__), "tutorials"))
