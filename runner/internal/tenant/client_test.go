package tenant_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"

	"flowtest/runner/internal/tenant"
	"flowtest/steps/davinci"
)

func TestWhoCausedARefusal(t *testing.T) {
	t.Parallel()
	for status, want := range map[int]davinci.Origin{
		http.StatusBadRequest: 0, http.StatusNotFound: 0, http.StatusUnauthorized: davinci.FromTenant,
		http.StatusForbidden: davinci.FromTenant, http.StatusTooManyRequests: davinci.FromRateLimit,
		http.StatusInternalServerError: davinci.FromNetwork, http.StatusGatewayTimeout: davinci.FromNetwork,
	} {
		assert.Equal(t, want, (&tenant.RefusedError{Status: status}).Origin(), status)
	}
}
