# SPDX-License-Identifier: Apache-2.0
"""Where a reader fails on plates that can be read, and a configuration that draws more there.

``pictures`` reads a dataset and puts every drawn parameter into cells, ``regions`` finds those with
more mistakes than chance would make, ``widen`` makes distributions of them; ``run`` puts them
together.
"""
