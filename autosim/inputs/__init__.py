"""What a user's files may say, checked once at the door; inside, nobody checks again."""
