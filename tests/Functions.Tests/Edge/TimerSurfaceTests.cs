namespace CustomerFunctions.Tests.Edge;

/// <summary>Timer calls come in at the port that public traffic comes in at; nobody but the host may make them.</summary>
public sealed class TimerSurfaceTests
{
    [Theory]
    [InlineData("/RotateServiceAccountKeys")]
    [InlineData("/ExpireTrials")]
    [InlineData("/SendMail")]
    [InlineData("/PurgeCustomers")]
    [InlineData("/SettleServiceAccounts")]
    [InlineData("/FollowCustomerStanding")]
    [InlineData("/AuditServiceAccountPermissions")]
    [InlineData("/SendWebhooks")]
    [InlineData("/SettleSubscriptions")]
    [InlineData("/ReconcileStripeEvents")]
    [InlineData("/rotateserviceaccountkeys")]
    [InlineData("//RotateServiceAccountKeys")]
    [InlineData("/api/RotateServiceAccountKeys")]
    [InlineData("/admin/functions/RotateServiceAccountKeys")]
    public async Task A_timer_function_cannot_be_called_from_outside(string path)
    {
        var app = await App.Shared;
        (await app.Admin.Post(path, new { })).Status.Should().BeOneOf(401, 404);
    }

    [Theory]
    [InlineData("X-Forwarded-For", "203.0.113.7")]
    [InlineData("X-Forwarded-For", "127.0.0.1")]
    [InlineData("X-Original-For", "203.0.113.7:1234")]
    public async Task A_call_that_was_forwarded_is_refused_by_the_app_itself(string header, string value)
    {
        var app = await App.Shared;
        var instance = await app.CallerOf(0, app.AdminKey);
        using var request = new HttpRequestMessage(HttpMethod.Post, await app.UrlOf(0) + "/RotateServiceAccountKeys") { Content = new StringContent("{}") };
        request.Headers.Add(header, value);
        (await instance.Send(request)).ShouldBeRefused(404, "not-found");
    }
}
