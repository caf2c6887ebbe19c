"""Programs of ours for the kernel's Python, which has TensorFlow; no student code is near when they run."""
