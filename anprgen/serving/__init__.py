# SPDX-License-Identifier: Apache-2.0
"""`anprgen serve`: a web page with the pictures of datasets, and one that reads plates."""
