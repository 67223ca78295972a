package kube

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
)

// answered: the API server itself said so.
func answered(err error) bool {
	var status apierrors.APIStatus
	return errors.As(err, &status) && !apierrors.IsUnauthorized(err)
}

// Unreached says in plain words that the cluster did not answer at all, or does not
// know the user; nil if that is not what went wrong.
func Unreached(err error) error {
	var asked *url.Error
	if errors.As(err, &asked) || apierrors.IsUnauthorized(err) {
		return unreachable(err)
	}
	return nil
}

// unreachable says in plain words why the cluster does not answer.
func unreachable(err error) error {
	var refused *net.OpError
	var asked *url.Error
	switch {
	case apierrors.IsUnauthorized(err):
		return fmt.Errorf("the cluster does not accept the credentials of the kubeconfig: log in anew (%w)", err)
	case errors.Is(err, context.DeadlineExceeded):
		return fmt.Errorf("the cluster does not answer: %w", err)
	case errors.As(err, &refused) && errors.As(err, &asked):
		return fmt.Errorf("the cluster is not reachable: %w", asked.Err)
	}
	return fmt.Errorf("the cluster cannot be asked: %w", err)
}
