package target

import (
	"fmt"
	"slices"
	"strings"

	"flowtest/recordings/strictyaml"
	"flowtest/steps/words"

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
	fileKeys   = []string{"target", "features", "recordings", "run", "scrub", "unique", "targets"}
	replayKeys = []string{"type", keyPlatform, keyOrigin, keyPAR, "users"}
	liveKeys   = []string{
		"type", keyRegion, keyBaseURL, keyEnvironmentID, keyClientID, keyClientSecret, keyClientAuth,
		keyRedirectURI, keyScopes, keyPlatform, keyOrigin, keyPAR, "discovery", keyHosts, keyCA, "flows", "users",
		keyWorker, keyPopulation, keyMail, keySMS, keyReadOnly,
	}
	textKeys = []string{
		keyRegion, keyBaseURL, keyEnvironmentID, keyClientID, keyClientSecret, keyClientAuth, keyRedirectURI,
		keyPlatform, keyOrigin, keyCA, keyPopulation,
	}
	sharedTextKeys = []string{keyPlatform, keyOrigin} // those of textKeys that a replay has too
)

const (
	keyRegion        = "region"
	keyBaseURL       = "baseUrl"
	keyEnvironmentID = "environmentId"
	keyClientID      = "clientId"
	keyClientSecret  = "clientSecret"
	keyClientAuth    = "clientAuth"
	keyRedirectURI   = "redirectUri"
	keyScopes        = "scopes"
	keyPlatform      = "platform"
	keyOrigin        = "origin"
	keyPAR           = "par"
	keyCA            = "ca"
	keyHosts         = "hosts"
)

// declared is a target as the file declares it, its references still in place.
type declared struct {
	path, name string
	at         strictyaml.Position
	kind       string // typeReplay, typeLive, or "" if the file does not say rightly

	texts     map[string]setting // of textKeys
	scopes    []setting          // empty if the file has none
	hosts     []setting          // likewise
	discovery bool
	par       bool
	flows     map[string]setting
	users     map[string]map[string]setting

	worker   map[string]setting // of workerKeys; nil if the file has none
	workerAt strictyaml.Position

	boxes    map[string]map[string]setting // mail and sms, as far as the file has them
	readOnly bool
}

// target reads one key under targets.
func (r reader) target(e strictyaml.Entry) *declared {
	d := &declared{
		path: strictyaml.Join("targets", e.Key), name: e.Key, at: e.At,
		texts: map[string]setting{}, users: map[string]map[string]setting{}, boxes: map[string]map[string]setting{},
	}
	entries, ok := r.Entries(d.path, e.Value)
	if !ok {
		return d
	}
	// The type comes first, wherever it is: it says what the other keys may be.
	if i := slices.IndexFunc(entries, func(e strictyaml.Entry) bool { return e.Key == "type" }); i < 0 {
		r.Add(d.at, "%s has no type, want type: replay or type: live", d.path)
	} else {
		d.kind = r.kind(strictyaml.Join(d.path, "type"), entries[i].Value)
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
		r.Add(s.at, "%s is %q, want replay or live%s", path, s.raw, words.DidYouMean(": ", s.raw, types))
		return ""
	}
	return s.raw
}

// set reads one key of a target.
func (r reader) set(d *declared, e strictyaml.Entry) {
	path := strictyaml.Join(d.path, e.Key)
	switch {
	case e.Key == "type": // has been read
	case e.Key == "users":
		r.users(d, path, e.Value)
	case e.Key == keyPAR:
		d.par = r.Flag(path, e.Value)
	case d.kind == typeReplay && slices.Contains(liveKeys, e.Key) && !slices.Contains(sharedTextKeys, e.Key):
		r.Add(e.At, "%s is a setting of live targets, want %s for a replay: remove it, or say type: live",
			path, words.Or(replayKeys))
	case d.kind == typeReplay && !slices.Contains(sharedTextKeys, e.Key):
		r.Unknown(d.path, e, replayKeys)
	case e.Key == keyScopes:
		d.scopes = r.list(path, e.Value)
	case e.Key == keyHosts:
		d.hosts = r.list(path, e.Value)
	case e.Key == "discovery":
		d.discovery = r.Flag(path, e.Value)
	case e.Key == "flows":
		d.flows = r.texts(path, e.Value)
	case e.Key == keyWorker:
		r.worker(d, e)
	case e.Key == keyMail, e.Key == keySMS:
		readMailbox(r, d, e)
	case e.Key == keyReadOnly:
		d.readOnly = r.Flag(path, e.Value)
	case slices.Contains(textKeys, e.Key):
		if s, ok := r.text(path, e.Value); ok {
			d.texts[e.Key] = s
		}
	case elsewhere[e.Key] != "":
		r.Add(e.At, "%s is in the wrong place, want it %s", path, elsewhere[e.Key])
	default:
		r.Unknown(d.path, e, liveKeys)
	}
}

// elsewhere says about keys that are not settings of a target where they belong.
var elsewhere = map[string]string{
	keyWait: "below mail or sms", keyListen: "below mail or sms", "emailDomain": "below unique, beside targets",
	"scrub": "beside targets", "unique": "beside targets", "run": "beside targets",
	"rate": "below run, beside targets", "retries": "below run, beside targets", "timeout": "below run, beside targets",
}

func (r reader) users(d *declared, path string, n ast.Node) {
	entries, _ := r.Entries(path, n)
	for _, e := range entries {
		d.users[e.Key] = r.texts(strictyaml.Join(path, e.Key), e.Value)
	}
}

// check finds what is wrong with a live target whatever the environment says:
// settings that exclude each other, secrets in the file, and every wrong value
// that has no reference in it.
func (d *declared) check(m *strictyaml.Reader) {
	if d.kind != typeLive {
		d.checkTexts(m, sharedTextKeys)
		return
	}
	region, hasRegion := d.texts[keyRegion]
	if base, hasBase := d.texts[keyBaseURL]; hasRegion && hasBase {
		m.Add(later(region.at, base.at), "%s has region and baseUrl, want one of them: remove the other", d.path)
	}
	d.checkTexts(m, textKeys)
	d.checkTwoIDs(m)
	d.checkWorker(m)
	checkAll(m, keyScopes, d.scopes)
	checkAll(m, keyHosts, d.hosts)
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

// checkTexts checks settings that have no reference in them.
func (d *declared) checkTexts(m *strictyaml.Reader, keys []string) {
	for _, key := range keys {
		s, given := d.texts[key]
		if text, literal := s.literal(); given && literal {
			s.check(m, key, text)
		}
	}
}

// checkAll checks the entries of a list that have no reference in them.
func checkAll(m *strictyaml.Reader, key string, list []setting) {
	for _, s := range list {
		if text, literal := s.literal(); literal {
			s.check(m, key, text)
		}
	}
}

// checkTwoIDs notes an environmentId that is another one than that in baseUrl.
func (d *declared) checkTwoIDs(m *strictyaml.Reader) {
	base, literal := d.texts[keyBaseURL].literal()
	id, also := d.texts[keyEnvironmentID].literal()
	if literal && also && twoIDs(base, id) {
		m.Add(d.texts[keyEnvironmentID].at, "%s %s", d.texts[keyEnvironmentID].shown(keyEnvironmentID), otherID)
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
func (s setting) check(m *strictyaml.Reader, key, text string) {
	if problem := problemOf(key, text); problem != "" {
		m.Add(s.at, "%s %s", s.shown(key), problem)
	}
}

// shown names the setting in an error. Secrets are not quoted, and neither are
// URLs in which a query or a password may hide.
func (s setting) shown(key string) string {
	quoted := slices.Contains([]string{
		keyRegion, keyEnvironmentID, keyCA, keyScopes, keyPlatform, keyHosts,
		keyClientAuth, keyPopulation,
	}, key) ||
		key == keyBaseURL && !strings.ContainsAny(s.raw, "@?#;&=%")
	if quoted && s.raw != "" {
		return fmt.Sprintf("%s %q", s.path, s.raw)
	}
	return s.path
}

// isVariable reports whether the setting is a variable that overrides the file.
func (s setting) isVariable() bool { return s.path != "" && s.at == strictyaml.Position{} }

// checkSecret notes a secret that anyone who has the file can read.
func (s setting) checkSecret(m *strictyaml.Reader) {
	if text, literal := s.literal(); literal && text != "" {
		m.Add(s.at, "%s is written out, want a reference: write it as ${NAME} and set the variable, "+
			"so that the secret is not in the file", s.path)
	}
}

func later(a, b strictyaml.Position) strictyaml.Position {
	if a.Line > b.Line || a.Line == b.Line && a.Column > b.Column {
		return a
	}
	return b
}
