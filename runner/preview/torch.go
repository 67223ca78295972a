package preview

import (
	"context"
	"encoding/binary"
	"fmt"
	"strings"

	"flowls/runner/pickle"
)

// torchDtypes are the names of storages, their element types in torch, and how numpy would read them.
var torchStorages = map[string]struct {
	name string
	as   dtype
}{
	"FloatStorage": {"float32", dtype{kind: 'f', size: 4}}, "DoubleStorage": {"float64", dtype{kind: 'f', size: 8}},
	"HalfStorage": {"float16", dtype{kind: 'f', size: 2}}, "BFloat16Storage": {"bfloat16", dtype{kind: 'B', size: 2}},
	"LongStorage": {"int64", dtype{kind: 'i', size: 8}}, "IntStorage": {"int32", dtype{kind: 'i', size: 4}},
	"ShortStorage": {"int16", dtype{kind: 'i', size: 2}}, "CharStorage": {"int8", dtype{kind: 'i', size: 1}},
	"ByteStorage": {"uint8", dtype{kind: 'u', size: 1}}, "BoolStorage": {"bool", dtype{kind: 'b', size: 1}},
	"ComplexFloatStorage": {"complex64", dtype{kind: 'c', size: 8}}, "ComplexDoubleStorage": {"complex128", dtype{kind: 'c', size: 16}},
}

func torchTypes() []string {
	names := []string{"uint16", "uint32", "uint64", "float8_e4m3fn", "float8_e5m2"}
	for _, s := range torchStorages {
		names = append(names, s.name)
	}
	return names
}

// describeTorch knows tensors: the shape stands in the pickle, the type in the
// beginning of the storage within.
func describeTorch(o *pickle.Object, g *pickle.Global, depth int) *Description {
	if g == nil || depth > 2*maxDepth || !strings.HasPrefix(g.Module, "torch") {
		return nil
	}
	switch g.Module + "." + g.Name {
	case "torch._utils._rebuild_parameter", "torch._utils._rebuild_parameter_with_state":
		if inner, ok := first[*pickle.Object](o.Args); ok {
			if d := describeTorch(inner, inner.Class(), depth+1); d != nil {
				d.Type, d.Summary = "torch.nn.parameter.Parameter", strings.Replace(d.Summary, "Tensor", "Parameter", 1)
				return d
			}
		}
	case "torch._tensor._rebuild_from_type_v2": // (function, class, arguments, state)
		args, ok := nth[*pickle.Tuple](o.Args, 2)
		f, ok2 := nth[*pickle.Global](o.Args, 0)
		if ok && ok2 {
			return describeTorch(&pickle.Object{Callable: f, Args: args.Items}, f, depth+1)
		}
	case "torch._utils._rebuild_tensor_v2", "torch._utils._rebuild_tensor", "torch._utils._rebuild_tensor_v3":
		return describeTensor(o)
	case "torch.Size":
		if t, ok := first[*pickle.Tuple](o.Args); ok {
			text, _ := pickle.Repr(&pickle.List{Items: t.Items}, maxCell)
			return &Description{Kind: Scalar, Type: "torch.Size", Summary: "torch.Size(" + text + ")", Value: "torch.Size(" + text + ")"}
		}
	case "torch.device":
		if name, ok := first[string](o.Args); ok {
			return &Description{Kind: Scalar, Type: "torch.device", Summary: "device " + name, Value: name}
		}
	}
	return nil
}

func describeTensor(o *pickle.Object) *Description {
	offset, ok1 := nth[int64](o.Args, 1)
	shape, ok2 := readShape(nthOf(o.Args, 2))
	strides, ok3 := readShape(nthOf(o.Args, 3))
	if !ok1 || !ok2 || !ok3 || len(shape) != len(strides) || offset < 0 {
		return nil
	}
	a := &ndarray{shape: shape, strides: strides, offset: offset}
	name := ""
	if storage, ok := first[*pickle.Object](o.Args); ok && storage.Is("torch.storage", "_load_from_bytes") {
		name, a.dtype, a.data = readStorage(nthOf(storage.Args, 0))
	}
	d := a.describe(Tensor, "torch.Tensor")
	d.Dtype = ""
	if name != "" {
		d.Dtype = "torch." + name
	}
	d.Summary = strings.TrimSpace(fmt.Sprintf("Tensor %s %s", times(shape), name))
	if a.data == nil {
		d.Value, d.Table = "", nil
	}
	return d
}

// readStorage reads what torch.save wrote in its old form: a magic number, a
// version, sizes of the system, the storage by reference, its keys, and the data.
func readStorage(v pickle.Value) (name string, t dtype, data *pickle.Chunk) {
	whole, ok := pickle.Data(v)
	if !ok {
		return "", t, nil
	}
	rest := whole.Head()
	var values []pickle.Value
	limits := pickle.Limits{Nodes: 1000, Memo: 1000, IntBytes: 16}
	for range 5 {
		v, n, err := pickle.ReadFirst(context.Background(), rest, limits)
		if err != nil {
			return "", t, nil
		}
		values, rest = append(values, v), rest[n:]
	}
	ref, ok := values[3].(*pickle.Persistent)
	if !ok {
		return "", t, nil
	}
	id, ok := ref.ID.(*pickle.Tuple)
	if !ok || len(id.Items) < 2 || id.Items[0] != "storage" {
		return "", t, nil
	}
	class, ok := id.Items[1].(*pickle.Global)
	if !ok {
		return "", t, nil
	}
	known, ok := torchStorages[class.Name]
	if !ok || len(rest) < 8 {
		return known.name, t, nil
	}
	n := binary.LittleEndian.Uint64(rest)
	return known.name, known.as, &pickle.Chunk{Size: int64(n), Parts: []pickle.Part{{Data: rest[8:]}}}
}
