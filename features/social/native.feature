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
    Then every field comes empty
    And the response matches the schema "../schemas/screen.json"
    When I return from "GOOGLE" with the ID token "${user.googleToken}"
    Then the flow completes
    And the response matches the schema "../schemas/completed.json"
    And the session cookies have:
      | httponly | true |
      | secure   | true |

  Scenario: Facebook's SDK leaves something open
    When I return from "FACEBOOK" with the access token "${user.facebookToken}"
    Then the flow pauses at "Email Form"
    And every field comes empty
    And the response matches the schema "../schemas/screen.json"
    When I submit the form with:
      | user.email | ${user.email} |
    Then the flow completes

  Scenario: A token of somebody else is refused, and the form stays
    When I return from "GOOGLE" with the ID token "someone-elses-token"
    Then the response status is 400
    And the form offers "submit"
    When I return from "GOOGLE" with the ID token "${user.googleToken}"
    Then the flow completes
