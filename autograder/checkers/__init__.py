"""Checkers ask and judge: one file each. See autograder.exercise.Checker for what a checker is."""
