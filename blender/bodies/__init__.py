# SPDX-License-Identifier: GPL-3.0-or-later
"""Whole vehicles behind a plate's panel: one module a family, from a few drawn proportions."""
