package stream

import (
	"cmp"
	"net/url"
	"strings"

	messages "github.com/cucumber/messages/go/v34"
)

// ciServers are the CI servers that say in the environment what they run: the variable by
// which each is known, and those for the build and what was checked out. Of several
// variables the first that is set counts.
//
// Source: the documentation of each, on predefined variables.
var ciServers = []struct {
	known, name              string
	url, number              string
	remote, revision, branch string
	tag                      string
}{
	{
		"GITHUB_ACTIONS", "GitHub Actions", "", "GITHUB_RUN_ID", "",
		"GITHUB_SHA", "GITHUB_HEAD_REF GITHUB_REF_NAME", "",
	},
	{
		"GITLAB_CI", "GitLab", "CI_JOB_URL", "CI_JOB_ID", "CI_REPOSITORY_URL", "CI_COMMIT_SHA",
		"CI_MERGE_REQUEST_SOURCE_BRANCH_NAME CI_COMMIT_BRANCH", "CI_COMMIT_TAG",
	},
	{
		"TF_BUILD", "Azure Pipelines", "", "BUILD_BUILDNUMBER", "BUILD_REPOSITORY_URI", "BUILD_SOURCEVERSION",
		"BUILD_SOURCEBRANCHNAME", "",
	},
	{
		"JENKINS_URL", "Jenkins", "BUILD_URL", "BUILD_NUMBER", "GIT_URL", "GIT_COMMIT", "GIT_LOCAL_BRANCH GIT_BRANCH",
		"TAG_NAME",
	},
	{
		"CIRCLECI", "CircleCI", "CIRCLE_BUILD_URL", "CIRCLE_BUILD_NUM", "CIRCLE_REPOSITORY_URL", "CIRCLE_SHA1",
		"CIRCLE_BRANCH", "CIRCLE_TAG",
	},
	{
		"BITBUCKET_BUILD_NUMBER", "Bitbucket Pipelines", "", "BITBUCKET_BUILD_NUMBER", "BITBUCKET_GIT_HTTP_ORIGIN",
		"BITBUCKET_COMMIT", "BITBUCKET_BRANCH", "BITBUCKET_TAG",
	},
	{
		"BUILDKITE", "Buildkite", "BUILDKITE_BUILD_URL", "BUILDKITE_BUILD_NUMBER", "BUILDKITE_REPO", "BUILDKITE_COMMIT",
		"BUILDKITE_BRANCH", "BUILDKITE_TAG",
	},
	{"TEAMCITY_VERSION", "TeamCity", "BUILD_URL", "BUILD_NUMBER", "", "BUILD_VCS_NUMBER", "", ""},
}

// CIOf returns which CI server runs flowtest and what it runs there, as the environment says it;
// nil if none does. Env looks up a variable, and may be nil.
func CIOf(env func(string) (string, bool)) *messages.Ci {
	if env == nil {
		return nil
	}
	get := func(names string) string {
		for name := range strings.FieldsSeq(names) {
			if value, _ := env(name); value != "" {
				return value
			}
		}
		return ""
	}
	for i := range ciServers {
		s := &ciServers[i]
		if get(s.known) == "" {
			continue
		}
		ci := &messages.Ci{Name: s.name, Url: withoutUser(get(s.url)), BuildNumber: get(s.number)}
		git := messages.Git{
			Remote: withoutUser(get(s.remote)), Revision: get(s.revision), Branch: get(s.branch), Tag: get(s.tag),
		}
		switch s.name {
		case "GitHub Actions":
			home := get("GITHUB_SERVER_URL") + "/" + get("GITHUB_REPOSITORY")
			ci.Url, git.Remote = home+"/actions/runs/"+ci.BuildNumber, home+".git"
			if get("GITHUB_REF_TYPE") == "tag" {
				git.Branch, git.Tag = "", git.Branch
			}
		case "Azure Pipelines":
			ci.Url = get("SYSTEM_TEAMFOUNDATIONCOLLECTIONURI") + get("SYSTEM_TEAMPROJECT") +
				"/_build/results?buildId=" + get("BUILD_BUILDID")
		}
		if git.Revision != "" && git.Remote != "" { // the schema wants both
			ci.Git = &git
		}
		return ci
	}
	return nil
}

// withoutUser returns a URL without name and password: GitLab's of a repository has a
// token there. A text that is not a URL is returned as it is, unless it has an @.
func withoutUser(text string) string {
	u, err := url.Parse(text)
	if err != nil {
		_, after, _ := strings.Cut(text, "@")
		return cmp.Or(after, "")
	}
	if u.User == nil {
		return text
	}
	u.User = nil
	return u.String()
}
