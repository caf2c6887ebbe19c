"""Plain files that the kernel's Python runs inside the sandbox. They import the standard library, what the kernel's
environment holds, and each other by bare name; nothing here may import the rest of the package."""
