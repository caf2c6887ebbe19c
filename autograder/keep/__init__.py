"""What an administrator does with what a course has gathered: backup, restore, retention, the data of one student."""
