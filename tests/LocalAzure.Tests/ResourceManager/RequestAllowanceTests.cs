using System.Globalization;
using LocalAzure.Clock;
using LocalAzure.ResourceManager;
using LocalAzure.Tests.Tls;
using Microsoft.AspNetCore.Http;

namespace LocalAzure.Tests.ResourceManager;

public sealed class RequestAllowanceTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly TestClock clock;
    private readonly RequestAllowance allowance;

    public RequestAllowanceTests()
    {
        clock = TestClock.Open(folder["clock"]);
        allowance = new RequestAllowance(clock);
    }

    public void Dispose()
    {
        clock.Dispose();
        folder.Dispose();
    }

    [Fact]
    public void Each_kind_of_request_has_an_allowance_of_its_own()
    {
        Left("PUT", "writes").Should().Be(199);
        Left("POST", "writes").Should().BeInRange(198, 199);
        Left("DELETE", "deletes").Should().Be(199);
        Left("GET", "reads").Should().Be(249);
    }

    [Fact]
    public void It_never_falls_below_zero_and_fills_up_with_time()
    {
        for (var i = 0; i < 1000; i++) { Left("PUT", "writes").Should().BeGreaterThanOrEqualTo(0); }

        clock.Advance(TimeSpan.FromMinutes(1));

        Left("PUT", "writes").Should().Be(199);
    }

    private int Left(string method, string kind)
    {
        var context = new DefaultHttpContext { Request = { Method = method } };
        allowance.Count(context);
        var left = context.Response.Headers[$"x-ms-ratelimit-remaining-subscription-{kind}"].ToString();
        return int.Parse(left, CultureInfo.InvariantCulture);
    }
}
