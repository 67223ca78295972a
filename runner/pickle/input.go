package pickle

import (
	"bytes"
	"encoding/binary"
	"io"
	"time"
)

// Source is a pickle that is read from its beginning to its end.
type Source interface {
	io.Reader
	// Skip moves on without handing out the bytes.
	Skip(n int64) error
	// Seeks reports whether Skip costs nothing, however far it goes.
	Seeks() bool
}

// input is what the machine reads: all of it in buf, or a window of src.
type input struct {
	buf    []byte
	r, w   int // buf[r:w] is not read yet
	src    Source
	before int64 // bytes before buf

	budget   int64 // bytes that may still be read from src
	deadline time.Time
	progress func(read int64)
	told     int64
}

func (in *input) offset() int64 { return in.before + int64(in.r) }

// holds reports whether n bytes more can be there: always, where the end is not known.
func (in *input) holds(n uint64) bool { return in.src != nil || n <= uint64(in.w-in.r) }

// untimed is how much is read whatever the time: a small value must not vanish
// because the machine is busy.
const untimed = 256 << 10

// inTime is errCut once the deadline is over. It is asked at least once for
// each piece that is read or skipped.
func (in *input) inTime() error {
	if in.progress != nil && in.offset()-in.told >= skipPiece {
		in.told = in.offset()
		in.progress(in.told)
	}
	if !in.deadline.IsZero() && in.offset() >= untimed && !time.Now().Before(in.deadline) {
		return errCut
	}
	return nil
}

// refill makes n bytes of the window available, n being at most len(buf).
func (in *input) refill(n int) error {
	if in.src == nil {
		return ErrTruncated
	}
	copy(in.buf, in.buf[in.r:in.w])
	in.before += int64(in.r)
	in.r, in.w = 0, in.w-in.r
	for in.w < n {
		if in.budget <= 0 {
			return errCut
		}
		if err := in.inTime(); err != nil {
			return err
		}
		k, err := in.src.Read(in.buf[in.w:min(int64(len(in.buf)), int64(in.w)+in.budget)])
		in.w += k
		in.budget -= int64(k)
		if err == io.EOF || err == io.ErrUnexpectedEOF {
			if in.w >= n {
				return nil
			}
			return ErrTruncated
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (in *input) byte() (byte, error) {
	if in.r == in.w {
		if err := in.refill(1); err != nil {
			return 0, err
		}
	}
	b := in.buf[in.r]
	in.r++
	return b, nil
}

// take reads n bytes. They are good until more is read from a Source; without
// one they are part of the input.
func (in *input) take(n uint64) ([]byte, error) {
	if n > uint64(in.w-in.r) {
		if in.src == nil {
			return nil, ErrTruncated
		}
		if n > uint64(len(in.buf)) {
			return in.takeLong(n)
		}
		if err := in.refill(int(n)); err != nil {
			return nil, err
		}
	}
	p := in.buf[in.r : in.r+int(n)]
	in.r += int(n)
	return p, nil
}

// takeLong allocates as the bytes arrive, whatever length the pickle claims.
func (in *input) takeLong(n uint64) ([]byte, error) {
	var p []byte
	for uint64(len(p)) < n {
		piece, err := in.take(min(n-uint64(len(p)), uint64(len(in.buf))))
		if err != nil {
			return p, err
		}
		p = append(p, piece...)
	}
	return p, nil
}

// skipPiece is how much is skipped between two looks at the clock.
const skipPiece = 1 << 20

func (in *input) skip(n int64) error {
	k := min(n, int64(in.w-in.r))
	in.r += int(k)
	n -= k
	if n == 0 {
		return nil
	}
	if in.src == nil {
		return ErrTruncated
	}
	in.before += int64(in.r)
	in.r, in.w = 0, 0
	for n > 0 {
		piece := n
		if !in.src.Seeks() {
			piece = min(n, skipPiece, in.budget)
			if piece <= 0 {
				return errCut
			}
			in.budget -= piece
		}
		if err := in.inTime(); err != nil {
			return err
		}
		err := in.src.Skip(piece)
		if err == io.EOF || err == io.ErrUnexpectedEOF {
			return ErrTruncated
		}
		if err != nil {
			return err
		}
		in.before += piece
		n -= piece
	}
	return nil
}

// number reads an unsigned little-endian number of 1, 2, 4 or 8 bytes.
func (in *input) number(size uint64) (uint64, error) {
	p, err := in.take(size)
	if err != nil {
		return 0, err
	}
	var buf [8]byte
	copy(buf[:], p)
	return binary.LittleEndian.Uint64(buf[:]), nil
}

// line reads up to a newline, without it. What exceeds max bytes is dropped
// from a Source's line; cut tells so.
func (in *input) line(max int) (p []byte, size int64, err error) {
	for {
		if i := bytes.IndexByte(in.buf[in.r:in.w], '\n'); i >= 0 {
			piece := in.buf[in.r : in.r+i]
			in.r += i + 1
			size += int64(i)
			if p == nil && (in.src == nil || i <= max) {
				return piece, size, nil
			}
			return append(p, piece[:min(i, max-len(p))]...), size, nil
		}
		if in.src == nil {
			return nil, 0, ErrTruncated
		}
		piece := in.buf[in.r:in.w]
		size += int64(len(piece))
		p = append(p, piece[:min(len(piece), max-len(p))]...)
		in.r = in.w
		if err := in.refill(1); err != nil {
			return p, size, err
		}
	}
}
