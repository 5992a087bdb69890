# SPDX-License-Identifier: Apache-2.0
"""``python -m anprgen``."""

from anprgen.cli import main

if __name__ == "__main__":
    main()
