package server

import (
	"context"
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"time"

	"flowls/analysis"

	"go.lsp.dev/uri"
)

// The requests test/… exist only in tests.
func init() {
	customRequests["test/text"] = func(s *server, ctx context.Context, raw json.RawMessage) (any, error) {
		var params struct {
			URI uri.URI `json:"uri"`
		}
		if err := json.Unmarshal(raw, &params); err != nil {
			return nil, err
		}
		v, err := s.beginDocument(ctx, params.URI)
		if err != nil || v == nil {
			return nil, err
		}
		return encoded(TestText{
			Text: string(v.doc.Text.Bytes()), Version: v.doc.Version,
			Analysed: string(v.Text.Bytes()), Description: Describe(v.Document),
		})
	}
	customRequests["test/panic"] = func(s *server, ctx context.Context, raw json.RawMessage) (any, error) {
		s.begin(ctx)
		panic("on purpose")
	}
	customRequests["test/wait"] = func(s *server, ctx context.Context, raw json.RawMessage) (any, error) {
		s.begin(ctx)
		<-ctx.Done()
		return nil, ctx.Err()
	}
}

// TestText is the answer of test/text.
type TestText struct {
	Text, Analysed, Description string
	Version                     int32
}

// Describe is equal for two analyses exactly when they found the same.
func Describe(d *analysis.Document) string {
	var b strings.Builder
	for _, f := range d.File.Flows {
		fmt.Fprintf(&b, "flow %s %v\n", f.Name, f.Span)
		for _, s := range f.Steps {
			fmt.Fprintf(&b, "  step %+v next %+v\n", *s, s.Next)
			for _, a := range s.Assigns {
				fmt.Fprintf(&b, "    %+v\n", *a)
			}
		}
	}
	for _, d := range d.Diagnostics {
		fmt.Fprintf(&b, "%s %v %s %+v\n", d.Rule.Code, d.Span, d.Message, d.Fixes)
	}
	return pointers.ReplaceAllString(b.String(), "0x")
}

var pointers = regexp.MustCompile(`0x[0-9a-f]+`)

func init() {
	// Answers on the read loop, as initialize and shutdown do.
	customRequests["test/inline"] = func(s *server, ctx context.Context, raw json.RawMessage) (any, error) {
		return nil, nil
	}
}

func init() {
	commandTable = append(commandTable,
		define("test.trusted", "Exists only in tests.", true,
			func(context.Context, commandCall, struct{}) (string, error) { return "ran", nil }),
		define("test.progress", "Exists only in tests.", false, testProgress))
}

// TestSteps tells test.progress what to do.
type TestSteps struct{ Reports int }

// testProgress reports every 10 ms, then waits to be cancelled.
func testProgress(ctx context.Context, call commandCall, a TestSteps) (string, error) {
	s := call.server
	cancelled := make(chan struct{})
	p := s.progress.begin(ctx, call.token, "Test", func() { close(cancelled) })
	s.background("test", func(ctx context.Context) {
		for i := range a.Reports {
			p.report(fmt.Sprint("report ", i), i*100/a.Reports)
			time.Sleep(10 * time.Millisecond)
		}
		select {
		case <-cancelled:
			p.end("cancelled")
		case <-ctx.Done():
			p.end("gone")
		}
	})
	return "started", nil
}

// CustomRequests are the methods of flowls/*, without those that exist only in tests.
func CustomRequests() []string {
	var methods []string
	for m := range customRequests {
		if strings.HasPrefix(m, "flowls/") {
			methods = append(methods, m)
		}
	}
	return methods
}

// ContainerException reads the exception in what a container printed last.
var ContainerException = containerException
