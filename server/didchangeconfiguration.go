package server

import (
	"context"
	"encoding/json"
	"reflect"

	"go.lsp.dev/protocol"
)

// DidChangeConfiguration takes {"flowls": {…}} as VS Code and Neovim send it.
// A client that sends nothing and can be asked is asked, in the background.
func (s *server) DidChangeConfiguration(_ context.Context, params *protocol.DidChangeConfigurationParams) error {
	var sections struct {
		Flowls json.RawMessage `json:"flowls"`
	}
	if !isEmptyTable(params.Settings) {
		if err := json.Unmarshal(params.Settings, &sections); err != nil {
			return err
		}
	}
	if len(sections.Flowls) > 0 {
		return s.configure(sections.Flowls, nil)
	}
	if s.client.can.configuration {
		s.background("configuration", func(ctx context.Context) {
			values, err := s.client.Configuration(ctx, &protocol.ConfigurationParams{
				Items: []protocol.ConfigurationItem{{Section: new("flowls")}},
			})
			if err == nil && len(values) == 1 {
				// Editors mix in what files of the workspace say: who may run code, and
				// which cluster is asked, is decided by what the client sends of its own accord.
				err = s.configure(values[0], func(asked *Settings, before Settings) {
					asked.Trusted, asked.Interpreter, asked.Kubernetes = before.Trusted, before.Interpreter, before.Kubernetes
				})
			}
			if err != nil && ctx.Err() == nil {
				s.log.Warn("no configuration from the client", "error", err)
			}
		})
	}
	return nil
}

// configure merges settings into the session and refreshes what depends on
// them. amend, if there is one, has the last word.
func (s *server) configure(raw []byte, amend func(next *Settings, before Settings)) error {
	var failed error
	var before, after Settings
	wrong := ""
	s.session.update(func(next *Snapshot) {
		before = next.Settings
		next.Settings, failed = next.Settings.merge(raw)
		if amend != nil {
			amend(&next.Settings, before)
		}
		after = next.Settings
		if !before.sameRules(after) {
			wrong = next.setRules()
		}
	})
	if failed != nil {
		s.client.showMessage(protocol.MessageTypeWarning, "flowls: "+failed.Error())
		return failed
	}
	if wrong != "" {
		s.client.showMessage(protocol.MessageTypeWarning, wrong)
	}
	if !before.sameRules(after) {
		s.wakeAll()
	}
	if !reflect.DeepEqual(before, after) {
		for _, f := range s.features {
			f.Configured(after)
		}
		s.client.refreshLenses()
		s.client.refreshInlayHints()
	}
	return nil
}
