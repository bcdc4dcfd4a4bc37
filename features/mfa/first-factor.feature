@mfa
Feature: The first factor comes first
  The flow offers no device before the password was right.

  Scenario: A wrong password leads to no device
    Given the flow "mfa"
    And the user "alice"
    When I start the flow
    Then the flow pauses at "Sign On Form"
    And the form does not offer "REGISTER"
    When I submit the form with:
      | key      | value            |
      | username | ${user.username} |
      | password | not-the-password |
    Then the flow reports "Invalid username and/or password"
    And the form does not offer "device"
    When I fill in "password" with "${user.password}"
    And I press "SIGNON"
    Then the flow pauses at "Choose a Device"
    And the form offers "device"
