"""Pages whose right verdict is known, each with twins that look alike and are something else."""
