// Package remotestore reads data stores through `flowls agent`, for a server that
// opens no socket. What was fetched is kept in bounded memory; what is asked for
// at about the same time is fetched in one call.
package remotestore
