// Package server speaks the Language Server Protocol over a pair of byte
// streams. It is the only package that imports go.lsp.dev.
//
// Invariants:
//
//   - Edits are applied inline on the read loop, in wire order. A request takes
//     its Snapshot on the read loop (see begin) and only then runs beside others.
//   - A Snapshot and its Documents never change. Inside, every place is a byte
//     offset; positions exist only in mapper, at the edge.
//   - A notification handler never fails the connection: what goes wrong is
//     logged, and shown to the user if it matters.
//   - Nothing here starts a process or opens a socket because a file was opened,
//     edited or looked at.
package server
