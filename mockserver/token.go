package mockserver

import (
	"crypto/sha256"
	"fmt"
	"maps"
	"slices"
	"time"
)

// subject is the user's id: stable for the user name.
func (g *grant) subject() string { return subject(g.environment, g.user) }

func subject(environment string, user map[string]string) string {
	sum := sha256.Sum256([]byte(environment + "/" + user["username"]))
	return fmt.Sprintf("%x-%x-4%x-8%x-%x", sum[:4], sum[4:6], sum[6:8], sum[8:10], sum[10:16])[:36]
}

// Made up once for all: the organization, and the region with the API in it.
const (
	organization = "0f10e7e5-7000-4000-8000-000000000002"
	region       = "NA"
	api          = "https://api.pingone.com"
)

// common are the claims that all tokens share.
func (g *grant) common(now time.Time) map[string]any {
	return map[string]any{
		"iss": g.issuer, "sub": g.subject(), "iat": now.Unix(), "exp": now.Add(tokenLife).Unix(),
		"sid": g.session, "env": g.environment, "org": organization, "acr": g.policy,
	}
}

// person are the claims about a user, of whom the server knows since it was made.
func (s *Server) person(user map[string]string) map[string]any {
	claims := map[string]any{
		"sub": subject(s.environment, user), "env": s.environment, "org": organization, "p1.region": region,
		"updated_at": s.began.Unix(),
	}
	for claim, attribute := range map[string]string{
		"preferred_username": "username", "given_name": "givenName", "family_name": "familyName", "email": "email",
	} {
		if value := user[attribute]; value != "" {
			claims[claim] = value
		}
	}
	return claims
}

// named returns the user whose id that is, or nil.
func (s *Server) named(id any) map[string]string {
	i := slices.IndexFunc(s.users.list, func(user map[string]string) bool { return subject(s.environment, user) == id })
	if i < 0 {
		return nil
	}
	return s.users.list[i]
}

// accessToken signs an access token.
//
// Source: the claims of PingOne's own, which is meant for PingOne's API.
func (s *Server) accessToken(g *grant) (string, error) {
	claims := g.common(s.now())
	maps.Copy(claims, map[string]any{
		"client_id": g.clientID, "aud": []string{api}, "scope": g.scope, "jti": uuid(),
	})
	return s.key().sign(claims)
}

// access returns the claims of an access token that is neither over nor revoked.
func (s *Server) access(token string) (map[string]any, bool) {
	claims, err := s.key().verify(token, s.now())
	if err != nil {
		return nil, false
	}
	id, _ := claims["jti"].(string)
	if id == "" || claims["typ"] != nil {
		return nil, false // an ID token or a refresh token is no access token
	}
	_, revoked := s.revoked.look(id)
	return claims, !revoked
}

// idToken signs an ID token for the access token beside it.
func (s *Server) idToken(g *grant, access string) (string, error) {
	claims := g.common(s.now())
	maps.Copy(claims, s.person(g.user))
	maps.Copy(claims, map[string]any{
		"sub": g.subject(), "aud": g.clientID, "amr": []string{"pwd"}, "auth_time": g.at.Unix(),
		"at_hash": halfHash(access),
	})
	if g.nonce != "" {
		claims["nonce"] = g.nonce
	}
	return s.key().sign(claims)
}

// refreshType marks a refresh token.
const refreshType = "Refresh"

// refreshToken signs a refresh token. It says itself what it stands for, so that
// the server keeps something of those alone that are spent.
//
// Source: PingOne's own is such a token and lives for 30 days.
func (s *Server) refreshToken(g *grant) (string, error) {
	now := s.now()
	claims := g.common(now)
	maps.Copy(claims, map[string]any{
		"typ": refreshType, "jti": uuid(), "aud": []string{g.issuer}, "exp": now.Add(refreshLife).Unix(),
		"client_id": g.clientID, "scope": g.scope, "nonce": g.nonce, "auth_time": g.at.Unix(),
	})
	return s.key().sign(claims)
}

// refreshed returns what a refresh token stands for and its id, or false where
// it is none, over, or spent.
func (s *Server) refreshed(token string) (g *grant, id string, ok bool) {
	claims, err := s.key().verify(token, s.now())
	if err != nil || claims["typ"] != refreshType {
		return nil, "", false
	}
	text := func(name string) string {
		value, _ := claims[name].(string)
		return value
	}
	at, _ := claims["auth_time"].(float64)
	id = text("jti")
	if _, spent := s.spent.look(id); spent {
		return nil, "", false
	}
	return &grant{
		request: request{
			issuer: text("iss"), clientID: text("client_id"), scope: text("scope"), nonce: text("nonce"),
		},
		environment: text("env"), policy: text("acr"), session: text("sid"),
		user: s.named(claims["sub"]), at: time.Unix(int64(at), 0),
	}, id, true
}
