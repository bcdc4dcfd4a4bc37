package mockserver

import "net/http"

// discovery tells where the endpoints are. It names what this server answers.
func (c *call) discovery() {
	if !c.takes(http.MethodGet, http.MethodHead) {
		return
	}
	issuer := c.base() + "/as"
	c.json(http.StatusOK, map[string]any{
		"issuer":                                issuer,
		"authorization_endpoint":                issuer + "/authorize",
		"token_endpoint":                        issuer + "/token",
		"jwks_uri":                              issuer + "/jwks",
		"userinfo_endpoint":                     issuer + "/userinfo",
		"pushed_authorization_request_endpoint": issuer + "/par",
		"introspection_endpoint":                issuer + "/introspect",
		"revocation_endpoint":                   issuer + "/revoke",
		"end_session_endpoint":                  issuer + "/signoff",
		"response_modes_supported":              []string{"pi.flow", "query", "fragment", "form_post"},
		"response_types_supported":              []string{"code"},
		"subject_types_supported":               []string{"public"},
		"scopes_supported":                      []string{"openid", "profile", "email"},
		"code_challenge_methods_supported":      []string{methodS256, methodPlain},
		"id_token_signing_alg_values_supported": []string{"RS256"},
	})
}
