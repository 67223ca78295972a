package service

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// client asks the service. Requests are tried again as Metaflow does: after
// connection errors and where the service is overloaded.
type client struct {
	config Config
	http   *http.Client
	pause  time.Duration // before the second try; doubled each time
}

const (
	// tryLimit is how long one try may take, from the first byte sent to the last one read.
	tryLimit = 30 * time.Second
	// maxPause bounds the pause between two tries, whatever the service asks for.
	maxPause = 30 * time.Second
	// maxAnswer bounds an answer. Lists of 100,000 runs stay below it.
	maxAnswer = 256 << 20
	// maxComplaint bounds what is read of an error's text.
	maxComplaint = 2 << 10
)

// StatusError is an answer that is not a success.
type StatusError struct {
	Path string
	Code int
	Text string
}

func (e *StatusError) Error() string {
	hint := ""
	switch e.Code {
	case http.StatusUnauthorized, http.StatusForbidden:
		hint = ": check METAFLOW_SERVICE_AUTH_KEY"
	case http.StatusTooManyRequests:
		hint = ": try again later"
	}
	text := ""
	if e.Text != "" {
		text = " (" + e.Text + ")"
	}
	return fmt.Sprintf("the metadata service answers %s with %d %s%s%s", e.Path, e.Code, strings.ToLower(http.StatusText(e.Code)), text, hint)
}

// notFound: there is no such object.
func notFound(err error) bool {
	var s *StatusError
	return errors.As(err, &s) && s.Code == http.StatusNotFound
}

// get asks for a path and hands the answer to read, which may run several times:
// once per try.
func (c *client) get(ctx context.Context, path string, read func(*json.Decoder) error) error {
	pause := c.pause
	for try := 1; ; try++ {
		wait, again, err := c.try(ctx, path, read)
		if err == nil {
			return nil
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if !again || try >= c.config.Retries {
			return err
		}
		if wait == 0 { // some randomness: clients that failed together shall not return together
			wait = pause + rand.N(pause/2+1)
			pause *= 2
		}
		select {
		case <-time.After(min(wait, maxPause)):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// try asks once. wait is what the service asks to wait, 0 if it does not say.
func (c *client) try(ctx context.Context, path string, read func(*json.Decoder) error) (wait time.Duration, again bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, tryLimit)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, c.config.URL.JoinPath(path).String(), nil)
	if err != nil {
		return 0, false, errors.New("the address of the metadata service cannot be used")
	}
	for name, value := range c.config.Headers {
		request.Header.Set(name, value)
	}
	response, err := c.http.Do(request)
	if err != nil {
		return 0, true, c.unreachable(err)
	}
	defer response.Body.Close()
	if response.StatusCode >= 300 {
		text, _ := io.ReadAll(io.LimitReader(response.Body, maxComplaint)) // a cut text is as good
		failed := &StatusError{Path: path, Code: response.StatusCode, Text: c.redacted(complaint(text))}
		return retryAfter(response.Header.Get("Retry-After")), overloaded(response.StatusCode), failed
	}
	body := &io.LimitedReader{R: response.Body, N: maxAnswer}
	if err := read(json.NewDecoder(body)); err != nil {
		if body.N <= 0 {
			return 0, false, fmt.Errorf("the metadata service answers %s with more than %d MB", path, maxAnswer>>20)
		}
		var syntax *json.SyntaxError
		var kind *json.UnmarshalTypeError
		if errors.As(err, &syntax) || errors.As(err, &kind) {
			return 0, false, fmt.Errorf("the metadata service answers %s with something that is no JSON of its kind: %w", path, err)
		}
		return 0, true, fmt.Errorf("the answer of the metadata service to %s was cut off: %w", path, err)
	}
	return 0, false, nil
}

// unreachable says so without the address's user and password, and without headers.
func (c *client) unreachable(err error) error {
	var u *url.Error
	if errors.As(err, &u) {
		err = u.Err
	}
	return fmt.Errorf("the metadata service at %s cannot be reached: %w", c.config.URL.Redacted(), err)
}

// redacted takes secrets out of what the service says: a proxy may quote the request.
func (c *client) redacted(text string) string {
	for _, secret := range c.config.Headers {
		if len(secret) > 3 {
			text = strings.ReplaceAll(text, secret, "…")
		}
	}
	return text
}

func overloaded(code int) bool {
	switch code {
	case http.StatusTooManyRequests, http.StatusInternalServerError, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return true
	}
	return false
}

func retryAfter(header string) time.Duration {
	n, err := strconv.Atoi(header)
	if err != nil || n <= 0 {
		return 0
	}
	return time.Duration(min(n, int(maxPause/time.Second))) * time.Second
}

// complaint is the text of an error: a message in JSON, or the first line.
func complaint(body []byte) string {
	var m struct {
		Message string `json:"message"`
	}
	if json.Unmarshal(body, &m) == nil && m.Message != "" {
		return m.Message
	}
	line, _, _ := strings.Cut(strings.TrimSpace(strings.ToValidUTF8(string(body), "")), "\n")
	if strings.HasPrefix(line, "<") || len(line) > 200 {
		return "" // a page of a proxy
	}
	return line
}

// object asks for one object.
func object[T any](ctx context.Context, c *client, path string) (T, error) {
	var result T
	err := c.get(ctx, path, func(d *json.Decoder) error {
		result = *new(T)
		return d.Decode(&result)
	})
	return result, err
}

// each asks for a list and hands over its elements one by one: a list of all
// runs that ever were is not held in memory. begin is called at each try.
func each[T any](ctx context.Context, c *client, path string, begin func(), element func(T)) error {
	return c.get(ctx, path, func(d *json.Decoder) error {
		begin()
		open, err := d.Token()
		if err != nil {
			return err
		}
		if open == nil {
			return nil
		}
		if open != json.Delim('[') {
			return &json.UnmarshalTypeError{Value: fmt.Sprint(open), Offset: d.InputOffset()}
		}
		for d.More() {
			var v T
			if err := d.Decode(&v); err != nil {
				return err
			}
			element(v)
		}
		_, err = d.Token()
		return err
	})
}
