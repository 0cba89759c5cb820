"""GPUs, probes, workers, pauses and system settings: the schema that the six steps of 0.1.0 made."""

import django.core.validators
import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    replaces = [
        ('gpu', '0001_initial'),
        ('gpu', '0002_probes_and_lost_gpus'),
        ('gpu', '0003_worker_gpu'),
        ('gpu', '0004_keeps_light_gpu'),
        ('gpu', '0005_out_of_service'),
        ('gpu', '0006_queue_pause'),
    ]

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='QueuePause',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('queue', models.CharField(max_length=60, unique=True, verbose_name='queue')),
                ('by', models.CharField(help_text='Name of the user or program', max_length=200, verbose_name='paused by')),
                ('since', models.DateTimeField(default=django.utils.timezone.now, verbose_name='paused since')),
            ],
            options={
                'ordering': ['queue'],
                'permissions': [('pause_queue', 'Can pause and resume queues')],
                'default_permissions': (),
                'verbose_name': 'queue pause',
                'verbose_name_plural': 'queue pauses',
            },
        ),
        migrations.CreateModel(
            name='GpuDevice',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('host', models.CharField(max_length=100, verbose_name='host')),
                ('backend', models.CharField(choices=[('OPTIX', 'NVIDIA OptiX'), ('CUDA', 'NVIDIA CUDA'), ('HIP', 'AMD HIP'), ('ONEAPI', 'Intel oneAPI')], max_length=8, verbose_name='backend')),
                ('vendor_id', models.CharField(help_text='UUID or PCI address', max_length=100, verbose_name='vendor ID')),
                ('name', models.CharField(max_length=200, verbose_name='name')),
                ('memory_mb', models.PositiveIntegerField(blank=True, null=True, verbose_name='memory (MB)')),
                ('driver', models.CharField(blank=True, max_length=60, verbose_name='driver')),
                ('enabled', models.BooleanField(default=True, verbose_name='enabled')),
                ('serves_heavy', models.BooleanField(default=True, verbose_name='serves the heavy lane')),
                ('serves_light', models.BooleanField(default=True, verbose_name='serves the light lane')),
                ('queue', models.CharField(blank=True, help_text='Leave empty to have it chosen automatically.', max_length=60, validators=[django.core.validators.RegexValidator('^(?!(asset_pipeline_cpu|renderdesk)\\Z)[a-z0-9][a-z0-9_-]*\\Z', 'Use lowercase letters, digits, hyphens and underscores; asset_pipeline_cpu and renderdesk are reserved.')], verbose_name='queue')),
                ('pci_address', models.CharField(blank=True, max_length=20, verbose_name='PCI address')),
                ('cycles_id', models.CharField(blank=True, max_length=200, verbose_name='ID in Cycles')),
                ('ordinal', models.PositiveSmallIntegerField(default=0, help_text='Its number among the GPUs of its vendor on this host, in the order of PCI addresses', verbose_name='ordinal')),
                ('out_of_service', models.JSONField(blank=True, default=dict, help_text='Lanes for which it is out of service after repeated failures: since when, and why', verbose_name='out of service')),
                ('looked_at', models.DateTimeField(blank=True, help_text='When it was last put back in service', null=True, verbose_name='put back in service')),
                ('last_seen', models.DateTimeField(default=django.utils.timezone.now, verbose_name='last seen')),
                ('lost_at', models.DateTimeField(blank=True, help_text='The probe no longer finds it.', null=True, verbose_name='lost since')),
            ],
            options={
                'verbose_name': 'GPU',
                'ordering': ['host', 'id'],
                'constraints': [models.UniqueConstraint(fields=('host', 'vendor_id'), name='gpudevice_one_per_host_and_id'), models.UniqueConstraint(condition=models.Q(('queue', ''), _negated=True), fields=('queue',), name='gpudevice_queue_unique')],
                'verbose_name_plural': 'GPUs',
            },
        ),
        migrations.CreateModel(
            name='SystemSettings',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('cycles_device', models.CharField(choices=[('auto', 'auto: a GPU if there is one, otherwise the CPU'), ('gpu', 'gpu: never render on the CPU'), ('cpu', 'cpu: always the CPU')], default='auto', help_text='The environment variable CYCLES_DEVICE overrides this setting.', max_length=4, verbose_name='Cycles device policy')),
                ('gpu_probe_last_result', models.JSONField(blank=True, editable=False, null=True, verbose_name='last GPU probe')),
                ('gpu_probe_last_at', models.DateTimeField(blank=True, editable=False, null=True, verbose_name='time of the last GPU probe')),
                ('probe_interval_minutes', models.PositiveIntegerField(default=30, validators=[django.core.validators.MinValueValidator(1)], verbose_name='probe every (minutes)')),
                ('light_lane_max_px', models.PositiveIntegerField(default=1024, help_text='Thumbnails and stills whose longer side is at most this go to the light lane.', verbose_name='light lane up to (px)')),
                ('keeps_light_gpu', models.BooleanField(default=True, help_text='With two or more GPUs: the smallest one takes no heavy work, so thumbnails hardly wait. Off: every GPU takes everything, and heavy work finishes sooner; turntables still let thumbnails through between two frames. A GPU whose queue is named asset_pipeline_light always takes light work only.', verbose_name='keep a GPU for light work')),
                ('tessellation_wall_seconds', models.PositiveIntegerField(default=900, validators=[django.core.validators.MinValueValidator(5)], verbose_name='tessellation time limit (s)')),
                ('tessellation_memory_mb', models.PositiveIntegerField(default=8192, validators=[django.core.validators.MinValueValidator(512)], verbose_name='tessellation memory limit (MB)')),
                ('render_wall_seconds', models.PositiveIntegerField(default=14400, validators=[django.core.validators.MinValueValidator(5)], verbose_name='render time limit (s)')),
                ('render_memory_mb', models.PositiveIntegerField(default=16384, validators=[django.core.validators.MinValueValidator(512)], verbose_name='Blender memory limit (MB)')),
                ('hang_seconds', models.PositiveIntegerField(default=300, help_text="A render or conversion that makes no progress for this long fails as 'hung'.", validators=[django.core.validators.MinValueValidator(2)], verbose_name='no progress for (s)')),
                ('session_jobs', models.PositiveIntegerField(default=200, validators=[django.core.validators.MinValueValidator(1)], verbose_name='restart Blender after (jobs)')),
                ('session_memory_mb', models.PositiveIntegerField(default=6144, validators=[django.core.validators.MinValueValidator(512)], verbose_name='restart Blender above (MB)')),
                ('upload_max_mb', models.PositiveIntegerField(default=1024, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(65536)], verbose_name='largest CAD file (MB)')),
                ('disk_floor_mb', models.PositiveIntegerField(default=512, help_text='With less free space, new jobs wait until there is more, and uploads are refused that would leave less.', verbose_name='keep free on the media disk (MB)')),
            ],
            options={
                'verbose_name': 'system settings',
                'verbose_name_plural': 'system settings',
                'constraints': [models.CheckConstraint(condition=models.Q(('pk', 1)), name='systemsettings_one_row'), models.CheckConstraint(condition=models.Q(('cycles_device__in', ['auto', 'gpu', 'cpu'])), name='systemsettings_policy_known')],
                'permissions': [('prune', 'Can delete files to free space')],
            },
        ),
        migrations.CreateModel(
            name='Worker',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('identity', models.CharField(help_text='host:boot:pid:start', max_length=200, unique=True, verbose_name='identity')),
                ('host', models.CharField(max_length=100, verbose_name='host')),
                ('pid', models.PositiveIntegerField(verbose_name='process ID')),
                ('queue', models.CharField(max_length=60, verbose_name='queue')),
                ('device', models.CharField(blank=True, max_length=200, verbose_name='device')),
                ('gpu', models.CharField(blank=True, help_text='Vendor ID of the GPU that it is pinned to', max_length=100, verbose_name='GPU')),
                ('started', models.DateTimeField(default=django.utils.timezone.now, verbose_name='started')),
                ('heartbeat', models.DateTimeField(default=django.utils.timezone.now, verbose_name='heartbeat')),
                ('kicked', models.DateTimeField(blank=True, null=True, verbose_name='last woken')),
                ('busy_with', models.CharField(blank=True, help_text='Empty when it is idle', max_length=60, verbose_name='working on')),
                ('drain_until', models.DateTimeField(blank=True, help_text='It takes no new jobs. A job that is still running then goes back to the queue.', null=True, verbose_name='draining until')),
            ],
            options={
                'ordering': ['host', 'queue', 'pid'],
                'indexes': [models.Index(fields=['queue', '-heartbeat'], name='worker_queue_heartbeat')],
                'verbose_name': 'worker',
                'verbose_name_plural': 'workers',
            },
        ),
        migrations.CreateModel(
            name='GpuProbe',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('trigger', models.CharField(choices=[('schedule', 'Schedule'), ('operator', 'Operator'), ('worker_start', 'Worker start'), ('command', 'Command'), ('failure', 'A GPU failed a job')], max_length=12, verbose_name='trigger')),
                ('host', models.CharField(blank=True, help_text='Empty: the first host that is available', max_length=100, verbose_name='host')),
                ('runner', models.CharField(blank=True, help_text='The process that runs it: host:boot:pid:start', max_length=200, verbose_name='process')),
                ('state', models.CharField(choices=[('requested', 'Requested'), ('running', 'Running'), ('succeeded', 'Succeeded'), ('failed', 'Failed')], default='requested', max_length=10, verbose_name='state')),
                ('result', models.JSONField(blank=True, null=True, verbose_name='result')),
                ('error', models.TextField(blank=True, verbose_name='error')),
                ('created', models.DateTimeField(default=django.utils.timezone.now, verbose_name='created')),
                ('started', models.DateTimeField(blank=True, null=True, verbose_name='started')),
                ('finished', models.DateTimeField(blank=True, null=True, verbose_name='finished')),
                ('requested_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='requested by')),
            ],
            options={
                'verbose_name': 'GPU probe',
                'ordering': ['-created', '-id'],
                'permissions': [('probe_gpu', 'Can probe GPUs')],
                'indexes': [models.Index(fields=['host', '-created'], name='gpuprobe_host_created')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('state', 'requested')), fields=('host',), name='gpuprobe_one_request_per_host')],
                'verbose_name_plural': 'GPU probes',
            },
        ),
    ]
