"""Checks of an installation. Those of a service's set-up are `huref.serve.doctor`."""
