package mockserver_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"

	"flowtest/mockserver"
)

// Endpoints that are only read take no other method, and say which they take.
func TestEndpointsRefuseOtherMethods(t *testing.T) {
	r := replaying(t, mockserver.Config{})
	access := r.anApp(envPath, "app").tokens(t).Get("access_token").String()
	bearer := map[string]string{"Authorization": "Bearer " + access}
	for path, allowed := range map[string]map[string]bool{
		"/as/.well-known/openid-configuration": {"GET": true, "HEAD": true},
		"/as/jwks":                             {"GET": true, "HEAD": true},
		"/as/userinfo":                         {"GET": true, "POST": true},
	} {
		for _, realm := range []string{envPath, ""} {
			for _, method := range []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"} {
				t.Run(method+" "+realm+path, func(t *testing.T) {
					got := r.send(t, method, realm+path, bearer, "")
					if allowed[method] {
						assert.Equal(t, http.StatusOK, got.status)
						return
					}
					assert.Equal(t, http.StatusMethodNotAllowed, got.status)
					assert.Equal(t, "METHOD_NOT_ALLOWED", got.Get("code").String())
					want := "GET, HEAD"
					if allowed["POST"] {
						want = "GET, POST"
					}
					assert.Equal(t, want, got.header.Get("Allow"))
				})
			}
		}
	}
}
