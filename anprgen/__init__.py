# SPDX-License-Identifier: Apache-2.0
"""anprgen: synthetic licence-plate data that works on real plates."""

__version__ = "0.1.0"
