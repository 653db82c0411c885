using CustomerFunctions.Webhooks;

namespace CustomerFunctions.Tests.Webhooks;

/// <summary><see cref="WebhookDelivery.After"/>: when the next attempt is made.</summary>
public sealed class WebhookDeliveryTests
{
    private static readonly DateTimeOffset Start = new(2028, 2, 28, 23, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData(0)]
    [InlineData(0.5)]
    [InlineData(1)]
    public void The_schedule_is_kept_within_its_jitter_and_ends_after_a_day(double chance)
    {
        var delivery = New();
        var at = new List<TimeSpan>();
        while (delivery.NextAttemptAt is { } next)
        {
            at.Add(next - Start);
            delivery = delivery.After(new SendOutcome(500), next, chance);
        }

        at.Should().HaveCount(WebhookDelivery.Schedule.Count).And.BeInAscendingOrder();
        at.Zip(WebhookDelivery.Schedule).Should().OnlyContain(pair => pair.First >= pair.Second * 0.9 && pair.First <= pair.Second + TimeSpan.FromSeconds(5));
        delivery.Status.Should().Be(DeliveryStatus.Failed);
    }

    [Theory]
    [InlineData(200, DeliveryStatus.Delivered)]
    [InlineData(299, DeliveryStatus.Delivered)]
    [InlineData(199, DeliveryStatus.Pending)]
    [InlineData(302, DeliveryStatus.Pending)]
    [InlineData(404, DeliveryStatus.Pending)]
    [InlineData(410, DeliveryStatus.Failed)]
    public void Only_2xx_is_success_and_410_is_the_end(int status, DeliveryStatus expected) => New().After(new SendOutcome(status), Start, 0).Status.Should().Be(expected);

    [Fact]
    public void A_receiver_gets_the_time_that_it_asks_for() =>
        New().After(new SendOutcome(503, RetryAfter: TimeSpan.FromHours(3)), Start, 0).NextAttemptAt.Should().Be(Start + TimeSpan.FromHours(3));

    [Fact]
    public void Time_that_a_receiver_asks_for_again_and_again_is_within_the_day()
    {
        var delivery = New();
        while (delivery.NextAttemptAt is { } next) { delivery = delivery.After(new SendOutcome(503, RetryAfter: TimeSpan.FromHours(7)), next, 0); }

        delivery.Status.Should().Be(DeliveryStatus.Failed);
        delivery.LastAttemptAt.Should().Be(Start + TimeSpan.FromHours(28), "what is asked for within the day is still given");
    }

    private static WebhookDelivery New() => WebhookDelivery.Of(
        new WebhookEndpoint { Id = "whk_1", Type = WebhookEndpoint.DocumentType, CustomerId = "cus_1", Url = "https://example.com", Status = WebhookStatus.Active, SecretVersion = "1", CreatedAt = Start, CreatedBy = "ada" },
        "dlv_1", "trial.ended", "{}", Start);
}
