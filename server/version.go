package server

// version is what initialize reports; Serve's options may replace it.
const version = "0.1.0"
