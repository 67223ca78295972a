package preview

import "flowls/runner/pickle"

// Windows says which parts of the data of an array a description needs: of a
// matrix the beginning of each of its first lines. It is for pickle.Stream.
func Windows(stack []pickle.Value, size int64) []pickle.Window {
	// On the stack stand the parts of the state before the data: shape, dtype, order.
	n := len(stack)
	if n < 3 {
		return nil
	}
	shape, ok := readShape(stack[n-3])
	d, ok2 := readDtype(stack[n-2])
	fortran, ok3 := stack[n-1].(bool)
	if !ok || !ok2 || !ok3 || len(shape) != 2 || d.size == 0 || product(shape)*d.size != size {
		return nil
	}
	line, lines := shape[1]*d.size, shape[0]
	if fortran {
		line, lines = shape[0]*d.size, shape[1]
	}
	lines = min(lines, max(tableCols, tableRows))
	need := int64(max(tableCols, tableRows)) * d.size
	if line <= 4*need { // all in one is cheaper
		return []pickle.Window{{Offset: 0, Size: lines * line}}
	}
	var windows []pickle.Window
	for i := range lines {
		windows = append(windows, pickle.Window{Offset: i * line, Size: need})
	}
	return windows
}
