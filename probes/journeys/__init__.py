"""Journeys to an eForm: their files, the steps, the guard that keeps anything from being submitted, when a form is ready."""
