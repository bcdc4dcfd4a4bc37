package mutate

import (
	"fmt"
	"net/http"
	"slices"

	"github.com/tidwall/gjson"

	"flowtest/recordings"
)

// answer makes the mutants of a response's status and cookies.
func (k *making) answer(h *recordings.Hop) {
	seen := func(c crossing) bool { return c.answered(h) }
	add := func(group, operator, property, change string, do func(r *recordings.Response)) {
		k.add(&Mutant{
			Hop: h.Name, Screen: screenName(h), Property: property, Group: group, Operator: operator, Change: change,
			seen: seen,
			change: func(f *recordings.Flow) error {
				do(&hop(f, h.Name).Response)
				return nil
			},
		})
	}
	to := http.StatusBadRequest
	if h.Response.Status >= http.StatusBadRequest {
		to = http.StatusOK
	}
	add(Protocol, "status", "status", fmt.Sprintf("the status is %d and not %d", to, h.Response.Status),
		func(r *recordings.Response) { r.Status = to })
	for i, c := range h.Response.Cookies {
		add(Protocol, "cookie-gone", "cookie "+c.Name, fmt.Sprintf("the cookie %s is not set", c.Name),
			func(r *recordings.Response) { r.Cookies = append(r.Cookies[:i:i], r.Cookies[i+1:]...) })
		weaker := func(r *recordings.Response, change func(as *http.Cookie)) {
			// The attributes that the service sets if a recording does not say.
			as := http.Cookie{Path: "/", Secure: true, HttpOnly: true} //nolint:gosec // it is that of a mutant
			if c.Name == "ST" {
				as.SameSite = http.SameSiteNoneMode
			}
			if c.As != nil {
				as = *c.As
			}
			change(&as)
			r.Cookies[i].As = &as
		}
		if c.As == nil || c.As.HttpOnly {
			add(Security, "cookie-readable", "cookie "+c.Name,
				fmt.Sprintf("the cookie %s is set without HttpOnly", c.Name),
				func(r *recordings.Response) {
					weaker(r, func(as *http.Cookie) { as.HttpOnly = false }) //nolint:gosec // the mutant
				})
		}
		if c.As == nil || c.As.Secure {
			add(Protocol, "cookie-weaker", "cookie "+c.Name,
				fmt.Sprintf("the cookie %s is set without Secure", c.Name),
				func(r *recordings.Response) {
					weaker(r, func(as *http.Cookie) { as.Secure = false }) //nolint:gosec // the mutant
				})
		}
	}
}

// codes makes the mutant of a flow whose codes can be used more than once. Its hop is the first
// end with a code.
func (k *making) codes() {
	ends := func(h *recordings.Hop) bool {
		b := h.Response.JSON
		return b != nil && gjson.GetBytes(b.Text, codePath).Str == "{{code}}"
	}
	for _, h := range k.flow.Hops {
		if !ends(h) {
			continue
		}
		k.add(&Mutant{
			Hop: h.Name, Property: codePath, Group: Security, Operator: reusable,
			Change: "the authorization code can be exchanged for tokens again and again",
			seen: func(c crossing) bool {
				return slices.ContainsFunc(k.flow.Hops, func(h *recordings.Hop) bool {
					return ends(h) && c.answered(h)
				})
			},
			change: func(f *recordings.Flow) error {
				f.ReusableCodes = true
				return nil
			},
		})
		return
	}
}

// reusable is the operator that lets a code be exchanged twice.
const reusable = "code-reusable"

// codePath is the path of the authorization code in an end.
const codePath = "authorizeResponse.code"
