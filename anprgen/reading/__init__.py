# SPDX-License-Identifier: Apache-2.0
"""`anprgen read`: plates in pictures and films, as lines of JSON and drawn over them."""
