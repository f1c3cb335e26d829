SECRET_KEY = "not-a-secret: placeholder until the county's settings land"
