package target

import (
	"fmt"
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"
)

// The two types of target.
const (
	typeReplay = "replay"
	typeLive   = "live"
)

// The keys of the file, as errors list them. textKeys are those of a live
// target that are given as one string.
var (
	fileKeys   = []string{"target", "features", "recordings", "scrub", "targets"}
	replayKeys = []string{"type", "users"}
	liveKeys   = []string{
		"type", keyRegion, keyBaseURL, keyEnvironmentID, keyClientID, keyClientSecret, keyRedirectURI,
		keyScopes, "discovery", keyCA, "flows", "users",
	}
	textKeys = []string{
		keyRegion, keyBaseURL, keyEnvironmentID, keyClientID, keyClientSecret, keyRedirectURI, keyCA,
	}
)

const (
	keyRegion        = "region"
	keyBaseURL       = "baseUrl"
	keyEnvironmentID = "environmentId"
	keyClientID      = "clientId"
	keyClientSecret  = "clientSecret"
	keyRedirectURI   = "redirectUri"
	keyScopes        = "scopes"
	keyCA            = "ca"
)

// declared is a target as the file declares it, its references still in place.
type declared struct {
	path, name string
	at         position
	kind       string // typeReplay, typeLive, or "" where the file does not say rightly

	texts     map[string]setting // of textKeys
	scopes    []setting          // empty where the file has none
	discovery bool
	flows     map[string]setting
	users     map[string]map[string]setting
}

// target reads one key under targets.
func (r reader) target(e entry) *declared {
	d := &declared{
		path: join("targets", e.key), name: e.key, at: e.at,
		texts: map[string]setting{}, users: map[string]map[string]setting{},
	}
	entries, ok := r.entries(d.path, e.value)
	if !ok {
		return d
	}
	// The type comes first, wherever it stands: it says what the other keys may be.
	if i := slices.IndexFunc(entries, func(e entry) bool { return e.key == "type" }); i < 0 {
		r.m.add(d.at, "%s has no type, want type: replay or type: live", d.path)
	} else {
		d.kind = r.kind(join(d.path, "type"), entries[i].value)
	}
	for _, e := range entries {
		r.set(d, e)
	}
	return d
}

func (r reader) kind(path string, n ast.Node) string {
	s, ok := r.text(path, n)
	if !ok {
		return ""
	}
	types := []string{typeReplay, typeLive}
	if !slices.Contains(types, s.raw) {
		r.m.add(s.at, "%s is %q, want replay or live%s", path, s.raw, orMeant(s.raw, types))
		return ""
	}
	return s.raw
}

// set reads one key of a target.
func (r reader) set(d *declared, e entry) {
	path := join(d.path, e.key)
	switch {
	case e.key == "type": // has been read
	case e.key == "users":
		r.users(d, path, e.value)
	case d.kind == typeReplay && slices.Contains(liveKeys, e.key):
		r.m.add(e.at, "%s is a setting of live targets, want %s for a replay: remove it, or say type: live",
			path, strings.Join(replayKeys, " or "))
	case d.kind == typeReplay:
		r.unknown(d.path, e, replayKeys)
	case e.key == keyScopes:
		d.scopes = r.list(path, e.value)
	case e.key == "discovery":
		d.discovery = r.flag(path, e.value)
	case e.key == "flows":
		d.flows = r.texts(path, e.value)
	case slices.Contains(textKeys, e.key):
		if s, ok := r.text(path, e.value); ok {
			d.texts[e.key] = s
		}
	default:
		r.unknown(d.path, e, liveKeys)
	}
}

func (r reader) users(d *declared, path string, n ast.Node) {
	entries, _ := r.entries(path, n)
	for _, e := range entries {
		d.users[e.key] = r.texts(join(path, e.key), e.value)
	}
}

// check finds what is wrong with a live target whatever the environment says:
// settings that exclude each other, secrets in the file, and every wrong value
// that has no reference in it.
func (d *declared) check(m *mistakes) {
	if d.kind != typeLive {
		return
	}
	region, hasRegion := d.texts[keyRegion]
	if base, hasBase := d.texts[keyBaseURL]; hasRegion && hasBase {
		m.add(later(region.at, base.at), "%s has region and baseUrl, want one of them: remove the other", d.path)
	}
	for _, key := range textKeys {
		s, given := d.texts[key]
		if text, literal := s.literal(); given && literal {
			s.check(m, key, text)
		}
	}
	d.checkTwoIDs(m)
	for _, s := range d.scopes {
		if text, literal := s.literal(); literal {
			s.check(m, keyScopes, text)
		}
	}
	if s, ok := d.texts[keyClientSecret]; ok {
		s.checkSecret(m)
	}
	for _, attributes := range d.users {
		for name, s := range attributes {
			if Secret(name) {
				s.checkSecret(m)
			}
		}
	}
}

// checkTwoIDs notes an environmentId that is another one than that in baseUrl.
func (d *declared) checkTwoIDs(m *mistakes) {
	base, literal := d.texts[keyBaseURL].literal()
	id, also := d.texts[keyEnvironmentID].literal()
	if literal && also && twoIDs(base, id) {
		m.add(d.texts[keyEnvironmentID].at, "%s %s", d.texts[keyEnvironmentID].shown(keyEnvironmentID), otherID)
	}
}

// otherID continues a sentence that begins with environmentId.
const otherID = "is another one than that in baseUrl, want the same: remove environmentId, which baseUrl holds already"

func twoIDs(base, id string) bool {
	inBase := idIn(base)
	return inBase != "" && uuid.MatchString(id) && !strings.EqualFold(inBase, id)
}

// check notes what is wrong with text, which is what the setting came to. The
// setting is quoted as the file has it, so that no variable's value is shown.
func (s setting) check(m *mistakes, key, text string) {
	if problem := problemOf(key, text); problem != "" {
		m.add(s.at, "%s %s", s.shown(key), problem)
	}
}

// shown names the setting in an error. Secrets are not quoted, and neither are
// URLs in which a query or a password may hide.
func (s setting) shown(key string) string {
	quoted := slices.Contains([]string{keyRegion, keyEnvironmentID, keyCA, keyScopes}, key) ||
		key == keyBaseURL && !strings.ContainsAny(s.raw, "@?#;&=%")
	if quoted && s.raw != "" {
		return fmt.Sprintf("%s %q", s.path, s.raw)
	}
	return s.path
}

// checkSecret notes a secret that anyone who has the file can read.
func (s setting) checkSecret(m *mistakes) {
	if text, literal := s.literal(); literal && text != "" {
		m.add(s.at, "%s is written out, want a reference: write it as ${NAME} and set the variable, "+
			"so that the secret is not in the file", s.path)
	}
}

func later(a, b position) position {
	if a.line > b.line || a.line == b.line && a.column > b.column {
		return a
	}
	return b
}
