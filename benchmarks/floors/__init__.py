"""What ours is compared with: each a whole program that does the least that could do the job."""
