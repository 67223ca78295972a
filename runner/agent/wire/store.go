package wire

import "time"

// The methods of the agent that read a data store.
const (
	StoreRead = "store.read"
	StoreList = "store.list"
)

// Store names a data store: one that the configuration of Metaflow in Dir names,
// or the metadata of a run.
type Store struct {
	Where
	Kind string `json:"kind"` // s3
	Root string `json:"root"` // s3://bucket/prefix
}

// Bounds of one call. Whoever wants more asks again.
const (
	MaxReads   = 64
	MaxRead    = 4 << 20 // bytes of one file
	MaxReadSum = 8 << 20 // bytes of all files
	MaxListed  = 10_000
)

// ReadParams asks for parts of several files, which are fetched together.
type ReadParams struct {
	Store
	Parts []Part `json:"parts"`
}

// Part is a piece of a file. With Length 0 only its Size is wanted.
type Part struct {
	Name   string `json:"name"`
	Offset int64  `json:"offset,omitempty"`
	Length int64  `json:"length,omitempty"`
}

// ReadReply has an answer to each part, in order.
type ReadReply struct {
	Parts []PartReply `json:"parts"`
}

// PartReply is a piece of a file, shorter than it was asked for at the end of the
// file, and what is known of the file.
type PartReply struct {
	Data       []byte    `json:"data,omitempty"`
	Size       int64     `json:"size,omitempty"`
	Modified   time.Time `json:"modified,omitzero"`
	Attributes []byte    `json:"attributes,omitempty"`
	Missing    bool      `json:"missing,omitempty"` // there is no such file
	Problem    string    `json:"problem,omitempty"` // why it cannot be read, for the user
}

// ListParams asks for the names in a folder.
type ListParams struct {
	Store
	Folder string `json:"folder"`
}

// ListReply has at most MaxListed of them.
type ListReply struct {
	Entries []Entry `json:"entries"`
	Missing bool    `json:"missing,omitempty"`
	More    bool    `json:"more,omitempty"` // there are more
}

// Entry is a file or folder.
type Entry struct {
	Name     string    `json:"name"`
	Folder   bool      `json:"folder,omitempty"`
	Size     int64     `json:"size,omitempty"`
	Modified time.Time `json:"modified,omitzero"`
}
