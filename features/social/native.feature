@social @native
Feature: Sign on with the SDK of an identity provider
  A mobile app has the SDK of Google or Facebook, which signs the person on without a browser. The
  app posts the token that it got from there.

  Background:
    Given the flow "social"
    And the user "alice"
    And the platform "android"
    When I start the flow
    Then the flow pauses at "Sign On Form"

  @smoke
  Scenario: Google's SDK knows the person
    When I return from "GOOGLE" with the ID token "${user.googleToken}"
    Then the flow completes
    And the session cookies are set

  Scenario: Facebook's SDK leaves something open
    When I return from "FACEBOOK" with the access token "${user.facebookToken}"
    Then the flow pauses at "Email Form"
    When I submit the form with:
      | user.email | ${user.email} |
    Then the flow completes

  Scenario: A token of somebody else is refused, and the form stays
    When I return from "GOOGLE" with the ID token "someone-elses-token"
    Then the response status is 400
    And the form offers "submit"
    When I return from "GOOGLE" with the ID token "${user.googleToken}"
    Then the flow completes
