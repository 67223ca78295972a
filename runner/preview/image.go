package preview

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"strings"

	"flowls/runner/pickle"
)

// describeImage knows the images of Pillow.
func describeImage(o *pickle.Object, g *pickle.Global, _ int) *Description {
	if !strings.HasPrefix(g.Module, "PIL.") {
		return nil
	}
	state, ok := o.State.(*pickle.List) // info, mode, size, palette, data
	if !ok || len(state.Items) < 3 {
		return nil
	}
	mode, ok := state.Items[1].(string)
	size, ok2 := state.Items[2].(*pickle.Tuple)
	if !ok || !ok2 || len(size.Items) != 2 {
		return nil
	}
	width, ok1 := size.Items[0].(int64)
	height, ok2 := size.Items[1].(int64)
	if !ok1 || !ok2 {
		return nil
	}
	return &Description{
		Kind: Image, Type: o.ClassName(), Format: mode, Shape: []int64{width, height},
		Summary: fmt.Sprintf("%s %d×%d %s", g.Name, width, height, mode),
	}
}

// imageBytes looks at the first bytes of a file of a picture.
func imageBytes(p []byte) *Description {
	format, width, height := imageSize(p)
	if width <= 0 || height <= 0 {
		return nil
	}
	return &Description{Kind: Image, Format: format, Shape: []int64{width, height}, Summary: fmt.Sprintf("%s %d×%d", strings.ToUpper(format), width, height)}
}

func imageSize(p []byte) (format string, width, height int64) {
	le16 := func(i int) int64 { return int64(binary.LittleEndian.Uint16(p[i:])) }
	le24 := func(i int) int64 { return int64(p[i]) | int64(p[i+1])<<8 | int64(p[i+2])<<16 }
	le32 := func(i int) int64 { return int64(int32(binary.LittleEndian.Uint32(p[i:]))) }
	be32 := func(i int) int64 { return int64(int32(binary.BigEndian.Uint32(p[i:]))) }
	switch {
	case len(p) >= 24 && bytes.HasPrefix(p, []byte("\x89PNG\r\n\x1a\n")) && string(p[12:16]) == "IHDR":
		return "png", be32(16), be32(20)
	case len(p) >= 10 && (bytes.HasPrefix(p, []byte("GIF87a")) || bytes.HasPrefix(p, []byte("GIF89a"))):
		return "gif", le16(6), le16(8)
	case len(p) >= 26 && bytes.HasPrefix(p, []byte("BM")) && le32(14) >= 40:
		return "bmp", le32(18), max(le32(22), -le32(22)) // a negative height: rows from the top
	case len(p) >= 30 && string(p[:4]) == "RIFF" && string(p[8:12]) == "WEBP":
		switch string(p[12:16]) {
		case "VP8X":
			return "webp", le24(24) + 1, le24(27) + 1
		case "VP8L":
			bits := binary.LittleEndian.Uint32(p[21:])
			return "webp", int64(bits&0x3FFF) + 1, int64(bits>>14&0x3FFF) + 1
		case "VP8 ":
			return "webp", le16(26) & 0x3FFF, le16(28) & 0x3FFF
		}
	case len(p) >= 4 && p[0] == 0xFF && p[1] == 0xD8:
		width, height = jpegSize(p)
		return "jpeg", width, height
	}
	return "", 0, 0
}

// jpegSize walks the segments to the frame header.
func jpegSize(p []byte) (width, height int64) {
	for i := 2; i+9 <= len(p) && p[i] == 0xFF; {
		marker := p[i+1]
		if marker == 0xFF { // filling
			i++
			continue
		}
		if marker >= 0xC0 && marker <= 0xCF && marker != 0xC4 && marker != 0xC8 && marker != 0xCC {
			return int64(binary.BigEndian.Uint16(p[i+7:])), int64(binary.BigEndian.Uint16(p[i+5:]))
		}
		i += 2 + int(binary.BigEndian.Uint16(p[i+2:]))
	}
	return 0, 0
}
