"""Rules of storage, alerts, fair shares, who sends links and made the pictures: what the settings got since 0.1.0."""

import django.core.validators
import gpu.models.system_settings
from django.db import migrations, models


def add(model_name, **fields):
    return [migrations.AddField(model_name, name, field) for name, field in fields.items()]


class Migration(migrations.Migration):

    replaces = [
        ('gpu', '0002_last_probes'),
        ('gpu', '0003_pruning'),
        ('gpu', '0004_alerts'),
        ('gpu', '0005_fair_shares'),
        ('gpu', '0006_sender'),
        ('gpu', '0007_rights'),
        ('gpu', '0008_verify'),
    ]

    dependencies = [
        ('gpu', '0001_squashed'),
    ]

    operations = [
        migrations.AddIndex('gpuprobe', models.Index(fields=["state", "host", "-finished"], name="gpuprobe_last")),
        *add(
            'systemsettings',
            attempt_days=models.PositiveIntegerField(blank=True, default=730, help_text='Empty: forever.', null=True, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(36500)], verbose_name='attempts of jobs: keep (days)'),
            document_days=models.PositiveIntegerField(blank=True, default=30, help_text='Empty: forever.', null=True, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(36500)], verbose_name='CAD documents: keep (days)'),
            document_gb=models.FloatField(blank=True, help_text='Empty: any amount.', null=True, validators=[django.core.validators.MinValueValidator(0.0), django.core.validators.MaxValueValidator(1000000.0)], verbose_name='CAD documents: at most (GB)'),
            frames_days=models.PositiveIntegerField(blank=True, default=7, help_text='Empty: forever.', null=True, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(36500)], verbose_name='frames of unfinished turntables: keep (days)'),
            frames_gb=models.FloatField(blank=True, help_text='Empty: any amount.', null=True, validators=[django.core.validators.MinValueValidator(0.0), django.core.validators.MaxValueValidator(1000000.0)], verbose_name='frames of unfinished turntables: at most (GB)'),
            geometry_days=models.PositiveIntegerField(blank=True, default=180, help_text='Empty: forever.', null=True, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(36500)], verbose_name='geometry: keep (days)'),
            geometry_gb=models.FloatField(blank=True, help_text='Empty: any amount.', null=True, validators=[django.core.validators.MinValueValidator(0.0), django.core.validators.MaxValueValidator(1000000.0)], verbose_name='geometry: at most (GB)'),
            history_days=models.PositiveIntegerField(blank=True, default=730, help_text='Empty: forever.', null=True, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(36500)], verbose_name='activity: keep (days)'),
            login_days=models.PositiveIntegerField(blank=True, default=1, help_text='Empty: forever.', null=True, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(36500)], verbose_name='wrong passwords: keep (days)'),
            master_days=models.PositiveIntegerField(blank=True, default=30, help_text='Empty: forever.', null=True, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(36500)], verbose_name='render masters: keep (days)'),
            master_gb=models.FloatField(blank=True, help_text='Empty: any amount.', null=True, validators=[django.core.validators.MinValueValidator(0.0), django.core.validators.MaxValueValidator(1000000.0)], verbose_name='render masters: at most (GB)'),
            message_days=models.PositiveIntegerField(blank=True, default=30, help_text='Empty: forever.', null=True, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(36500)], verbose_name='failed queue messages: keep (days)'),
            notification_days=models.PositiveIntegerField(blank=True, default=180, help_text='Empty: forever.', null=True, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(36500)], verbose_name='notifications: keep (days)'),
            probe_days=models.PositiveIntegerField(blank=True, default=90, help_text='Empty: forever.', null=True, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(36500)], verbose_name='GPU probes: keep (days)'),
            prune_daily=models.BooleanField(default=False, help_text='Deletes files by the rules below without being asked. Look at the page Storage first.', verbose_name='prune every day'),
            prune_last_result=models.JSONField(blank=True, editable=False, null=True),
            prune_requested_at=models.DateTimeField(blank=True, editable=False, null=True),
            superseded_days=models.PositiveIntegerField(blank=True, default=90, help_text='Empty: forever.', null=True, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(36500)], verbose_name='superseded pictures: keep (days)'),
            superseded_gb=models.FloatField(blank=True, help_text='Empty: any amount.', null=True, validators=[django.core.validators.MinValueValidator(0.0), django.core.validators.MaxValueValidator(1000000.0)], verbose_name='superseded pictures: at most (GB)'),
            usd_days=models.PositiveIntegerField(blank=True, default=180, help_text='Empty: forever.', null=True, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(36500)], verbose_name='USD masters: keep (days)'),
            usd_gb=models.FloatField(blank=True, help_text='Empty: any amount.', null=True, validators=[django.core.validators.MinValueValidator(0.0), django.core.validators.MaxValueValidator(1000000.0)], verbose_name='USD masters: at most (GB)'),
            alert_emails=models.TextField(blank=True, help_text='Addresses, separated by commas or line breaks. Webhooks can choose alerts as well; both are sent when an alert begins and when it is over.', max_length=2000, validators=[gpu.models.system_settings.check_addresses], verbose_name='e-mail alerts to'),
            alert_failure_percent=models.PositiveSmallIntegerField(blank=True, default=50, help_text='Of ten jobs or more. Empty: no such alert.', null=True, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(100)], verbose_name='alert when of the jobs of an hour fail (%)'),
            alert_queue_minutes=models.PositiveIntegerField(blank=True, default=120, help_text='Paused and held jobs do not count. Empty: no such alert.', null=True, validators=[django.core.validators.MinValueValidator(1)], verbose_name='alert when a job waits for (minutes)'),
            fair_shares=models.CharField(choices=[('off', 'off: the oldest job goes first'), ('order', 'by order'), ('person', 'by person')], default='person', help_text='Jobs of the same priority take turns by person or by order: 10,000 lines do not hold up ten of somebody else. A new value applies to jobs created from then on.', max_length=6, verbose_name='fair shares'),
            sender_name=models.CharField(blank=True, help_text="Your company, as people who open a share link see it.", max_length=80, verbose_name="sender"),
            sender_logo=models.BinaryField(blank=True, default=bytes, help_text="PNG", verbose_name="logo"),
            copyright=models.CharField(blank=True, help_text='For example © Acme Ltd. Written into each file. After a change, delivered files are stale: they are made again from their renders.', max_length=200, verbose_name='copyright'),
            creator=models.CharField(blank=True, help_text='Who made the pictures, written into each file (XMP, IPTC). Empty: nobody is named.', max_length=120, verbose_name='creator'),
            verify_public=models.BooleanField(db_default=False, default=False, help_text='At /verify/, without a log-in, everybody who has a file sees whether it was delivered here, of which product, whether it was changed and whether it is current. Off: people with a log-in only.', verbose_name='anybody may verify files'),
        ),
        migrations.AddConstraint('systemsettings', models.CheckConstraint(condition=models.Q(('fair_shares__in', ['off', 'order', 'person'])), name='systemsettings_shares_known')),
    ]
