"""Thin routes: read a wire model, call one function, answer a wire model."""
