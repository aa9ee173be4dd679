"""The permission explainer: who may do what to which, which statement says so, and what would change it."""
